"""Telnyx: a second carrier of telephones. Calls by TeXML, texts by its messaging API."""
