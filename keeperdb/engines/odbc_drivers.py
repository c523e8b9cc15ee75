"""Which ODBC drivers this machine has; the driver manager itself may be missing."""

from keeperdb.errors import ConnectError, ConnectReason

_INSTALL_MANAGER = (
    "Install the ODBC driver manager: apt-get install unixodbc (Debian, Ubuntu), dnf install unixODBC (Fedora), "
    "brew install unixodbc (macOS)."
)


def installed_drivers() -> tuple[str, ...]:
    """Their names, as connection strings write them. Raises `ConnectError` with reason DRIVER."""
    try:
        import pyodbc
    except ImportError as error:
        if "libodbc" in str(error):
            raise ConnectError(
                ConnectReason.DRIVER, "The ODBC driver manager is not installed.", _INSTALL_MANAGER
            ) from error
        raise ConnectError(
            ConnectReason.DRIVER, "The Python package pyodbc is not installed.", "Install it: pip install pyodbc."
        ) from error
    return tuple(pyodbc.drivers())
