"""What pages refuse by themselves."""

from web.problems import Problem

FORGED = Problem(
    "forged_form",
    403,
    "The form did not come from its page",
    "A page's form carries a token that only this browser's session has. It was missing, of another session, or the browser said "
    "that another site sent the form. Nothing was done.",
    "Open the page again and send its form once more. The browser must accept cookies of this site.",
)
FURTHER = (FORGED,)
