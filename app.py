"""Start the web app: ``streamlit run app.py``."""

from clienteling.app import main

if __name__ == "__main__":
    main()
