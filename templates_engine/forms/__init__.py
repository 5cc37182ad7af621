"""Values of a form: checked, compared, and said in words."""
