"""Reads and writes workbooks with openpyxl, for the tests: a reader and a writer that are not ours.

    openpyxl_io.py read FILE       prints the workbook as JSON
    openpyxl_io.py write FILE      writes the workbook that stands on stdin as JSON
    openpyxl_io.py fill FROM TO    writes the rows that stand on stdin as JSON below the headings of FROM
"""

import datetime
import json
import sys

import openpyxl


def shown(cell):
    if isinstance(cell.value, datetime.datetime):
        value = cell.value.isoformat(sep=" ", timespec="seconds")
    else:
        value = cell.value
    return [cell.data_type, value]


def read(path):
    book = openpyxl.load_workbook(path)
    sheets = [
        {
            "title": sheet.title,
            "rows": [[shown(cell) for cell in row] for row in sheet.iter_rows()],
            "formats": [sheet.cell(2, column + 1).number_format for column in range(sheet.max_column)],
            "column_formats": [
                [columns.min, columns.max, columns.number_format]
                for columns in sheet.column_dimensions.values()
            ],
            "choices": [
                [str(choice.sqref), choice.formula1] for choice in sheet.data_validations.dataValidation
            ],
        }
        for sheet in book.worksheets
    ]
    print(json.dumps(sheets))


def value_of(written):
    if isinstance(written, dict):
        return datetime.datetime.fromisoformat(written["date"])
    return written


def write(path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for given in json.load(sys.stdin):
        sheet = book.create_sheet(given["title"])
        sheet.sheet_state = given.get("state", "visible")
        for row in given["rows"]:
            sheet.append([value_of(written) for written in row])
        for cells in given.get("merge", []):
            sheet.merge_cells(cells)
    book.save(path)


def fill(source, path):
    book = openpyxl.load_workbook(source)
    for at, row in enumerate(json.load(sys.stdin), start=2):
        for column, written in enumerate(row, start=1):
            book.worksheets[0].cell(at, column).value = written
    book.save(path)


{"read": read, "write": write, "fill": fill}[sys.argv[1]](*sys.argv[2:])
