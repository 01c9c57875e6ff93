"""What all pages stand on: layout, languages, doors, tokens against forged forms, files that browsers keep."""
