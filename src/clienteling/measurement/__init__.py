"""What a campaign brought: lift against a control group, and what another policy would have."""
