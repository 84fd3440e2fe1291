"""Reading a parquet file: what a damaged or boundless one may do is refused before it is done."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message
from workbench.observations.limits import check_size


def read_parquet(source: Path | IO[bytes], place: Place) -> pd.DataFrame:
    """Return the table of a parquet file.

    Parameters
    ----------
    source : Path or file
    place : Place
        Named in errors.

    Raises
    ------
    DataError
        If it is damaged, of types that no table has, or has more cells than are read.
    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(source)
        rows, columns = file.metadata.num_rows, len(file.schema_arrow.names)
        check_size(rows, columns, place)
        table = file.read()
        # Texts are looked at only here: a byte that is no text would else fail wherever it is used.
        table.validate(full=True)
        frame: pd.DataFrame = table.to_pandas()
    except DataError:
        raise
    except Exception as cause:  # a damaged file fails in as many ways as there are parts in it
        detail = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
        what = Message("this is no parquet file: {detail}", detail=detail)
        raise DataError(Problem(Reason.FILE_FORMAT, what, place)) from cause
    return frame
