"""Microsoft's storage packages for Python, asked by azure-sdk.ts: Data Lake and Blob against the storage account of the lake."""

import csv
import io
import sys
import zlib

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient
from azure.storage.filedatalake import DataLakeServiceClient

from canonical_rows import digest
from conversation import converse

services = {}


def connect(url, account, key):
    services["lake"] = DataLakeServiceClient(url, credential={"account_name": account, "account_key": key})
    services["blob"] = BlobServiceClient(url, credential={"account_name": account, "account_key": key})


def list_files(file_system, folder):
    paths = services["lake"].get_file_system_client(file_system).get_paths(folder, recursive=True)
    return {path.name: path.content_length for path in paths if not path.is_directory}


def list_blobs(container, prefix):
    # Folders are listed too; only their metadata tells.
    blobs = services["blob"].get_container_client(container).list_blobs(prefix, include=["metadata"])
    return {blob.name: blob.size for blob in blobs if not (blob.metadata or {}).get("hdi_isfolder")}


def read_csv(file_system, path, columns):
    body = services["lake"].get_file_client(file_system, path).download_file().readall()
    csv.field_size_limit(sys.maxsize)
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))
    picked = digest([row[column] for column in columns] for row in rows)
    return {"bytes": len(body), "crc32": zlib.crc32(body), "rows": len(rows), "texts": picked}


def crc_of_blob(container, path):
    return zlib.crc32(services["blob"].get_blob_client(container, path).download_blob().readall())


def create(file_system, path):
    services["lake"].get_file_client(file_system, path).create_file(match_condition=MatchConditions.IfMissing)


def upload(file_system, path, text):
    services["lake"].get_file_client(file_system, path).upload_data(text.encode(), overwrite=True)


def upload_megabytes(file_system, path, count):
    block = bytes(range(256)) * 4096
    body = block * count
    services["lake"].get_file_client(file_system, path).upload_data(body, overwrite=True, chunk_size=4 * 1024 * 1024)
    return zlib.crc32(body)


def read_text(file_system, path):
    return services["lake"].get_file_client(file_system, path).download_file().readall().decode()


def rename(file_system, path, target):
    services["lake"].get_file_client(file_system, path).rename_file(f"{file_system}/{target}")


def rename_folder(file_system, folder, target):
    services["lake"].get_directory_client(file_system, folder).rename_directory(f"{file_system}/{target}")


def set_metadata(file_system, path, metadata):
    client = services["lake"].get_file_client(file_system, path)
    client.set_metadata(metadata)
    return client.get_file_properties().metadata


def write_under_lease(file_system, path, text):
    """Writes without the lease, which must be refused, and then with it."""
    client = services["lake"].get_file_client(file_system, path)
    lease = client.acquire_lease(15)
    try:
        client.upload_data(b"without the lease", overwrite=True)
        refused = None
    except HttpResponseError as error:
        refused = error.status_code
    client.upload_data(text.encode(), overwrite=True, lease=lease)
    lease.release()
    return refused


def delete_folder(file_system, folder):
    services["lake"].get_directory_client(file_system, folder).delete_directory()


def refusal(url, account, key, file_system):
    """The status and code that listing with these credentials is refused with; None when it is not."""
    lake = DataLakeServiceClient(url, credential={"account_name": account, "account_key": key})
    try:
        list(lake.get_file_system_client(file_system).get_paths())
    except HttpResponseError as error:
        return {"status": error.status_code, "code": error.error_code}


def refusal_of(of, parameters):
    """The status and code that an action of this program fails with; None when it succeeds."""
    try:
        globals()[of](**parameters)
    except HttpResponseError as error:
        return {"status": error.status_code, "code": error.error_code}


if __name__ == "__main__":
    converse(globals())
