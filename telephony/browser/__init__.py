"""The browser phone: a carrier whose only telephone is a web page. Calls come by WebRTC, texts by the page's pane."""
