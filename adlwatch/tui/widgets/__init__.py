"""One widget a file; a widget paints what it is handed."""
