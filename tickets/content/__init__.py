"""What is signed: contents, plans and sub-tickets of a form, drafts."""
