"""What a lead means by his words: facts, choices, sums, dates and times, in English and Spanish. Pure."""
