"""Words as logos have them: made-up texts in many scripts, drawn in many typefaces."""
