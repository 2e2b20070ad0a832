"""Models behind a server of OpenAI's protocol."""
