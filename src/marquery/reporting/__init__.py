"""Results for people: tables with intervals, pictures, the HTML report."""
