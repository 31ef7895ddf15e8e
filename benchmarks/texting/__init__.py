"""`segue bench sms` and `segue bench outreach`: what conversations by text cost."""
