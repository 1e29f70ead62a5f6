"""The file that ``clienteling app`` gives to ``streamlit run``; a checkout has ``app.py``."""

from clienteling.app import main

if __name__ == "__main__":
    main()
