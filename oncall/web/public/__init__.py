"""PUBLIC PAGES for customers: the policy, the form, the page of a case; server-rendered, without a script, with templates of their own."""
