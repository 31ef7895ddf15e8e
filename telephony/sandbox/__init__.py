"""A local stand-in for Twilio: REST, TwiML, signed webhooks, media sockets, and scripted people who text and speak.

It is independent of the server it tests: it shares no code with it but the speech engines, and is strict where Twilio
is strict. The server cannot tell it from Twilio but for the base URL.
"""
