"""The ladder of remedies: which steps may be open to an author, by when, and the letter for each.

Laws:
1. What a law gives is data, a file in `data/` for each: its sources, when they were read, and when that has
   to be done again. Past that day no date is printed and no letter is written.
2. A step "may be open". Nothing here says that a law was broken, how large a company is, or what the
   odds are.
3. Of two readings of a deadline both are shown, and the earlier date is the one to keep.
4. What was not seen in a source is not shipped; a letter needs the law's or the platform's own words.

Start with `rules`, the fold from an incident to its steps; `model` is the form of a law's file.
"""
