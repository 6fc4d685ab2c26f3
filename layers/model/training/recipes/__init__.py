"""Read recipes in the forms in which people have them: tables and JSON, in files and folders.

Each module does one step:

    files     a path → its files → text
    tables    text with separators → rows
    columns   rows → the columns that contain ingredients
    records   JSON → objects → the fields that contain ingredients
    cells     a value → names
    reading   all of these → recipes, and what was understood
    cleaning  names that differ in their quantities → one name; names that no request can contain
    report    the lines that the commands print
"""
