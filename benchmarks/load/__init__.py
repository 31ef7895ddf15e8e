"""`segue bench load`: how many calls' media one core carries before what the callers hear comes late."""
