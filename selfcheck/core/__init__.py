"""The nouns that every slice shares, and the words for them. Pure: values in, values out.

Laws:
1. Nothing here touches a file, a socket, the clock or a browser.
2. A word of the Contract (`enums`) is added, never renamed: JSON files and users' scripts hold it.
3. What comes from a page is made safe by `text_safety` before a person sees it.

Start with `enums`, then `observation` and `verdict`.
"""
