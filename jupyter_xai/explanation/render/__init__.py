"""How a result looks without a kernel: text, HTML, pages, pictures, charts."""
