"""Archives as Python's gzip and zipfile make them, uploaded by Microsoft's Blob package for Python, in blocks."""

import csv
import gzip
import io
import zipfile

from azure.storage.blob import BlobServiceClient

block_bytes = 64 * 1024


def upload(landing, name, body):
    """In several blocks, which one request at the end makes the blob of. Returns the ETag."""
    credential = {"account_name": landing["accountName"], "account_key": landing["accountKey"]}
    sizes = {"max_single_put_size": block_bytes, "max_block_size": block_bytes}
    service = BlobServiceClient(landing["url"], credential=credential, **sizes)
    answer = service.get_blob_client(landing["container"], name).upload_blob(body, overwrite=True)
    return answer["etag"].strip('"')


def deliver_gzip(landing, name, source, members):
    """The same bytes as so many members, cut anywhere, with names and times in their headers; the last one is empty."""
    content = gzip.open(source).read()
    size = len(content) // (members - 1) + 1
    body = io.BytesIO()
    for at in range(0, size * members, size):
        with gzip.GzipFile(f"part {at}", "wb", 6, body, mtime=at) as member:
            member.write(content[at:at + size])
    return upload(landing, name, body.getvalue())


class Pipe(io.RawIOBase):
    """What cannot go back, as a socket: zipfile then says sizes and checksums behind the data."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def deliver_zip(landing, name, entries):
    """A zip written in one pass. An entry has a name, a source, whether it is stored, and whether its sizes take 64 bits."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.comment = b"made by Python"
        archive.writestr("READ ME.txt", "not a data set")
        for entry in entries:
            info = zipfile.ZipInfo(entry["name"], (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if entry["stored"] else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=entry["zip64"]) as file:
                content = gzip.open(entry["source"]).read()
                file.write(as_csv(content) if entry["name"].endswith(".csv") else content)
    return upload(landing, name, bytes(pipe.bytes))


def as_csv(content):
    """As Python's own csv writes it: CRLF, and quotes where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(line.split("\t") for line in content.decode().removesuffix("\n").split("\n"))
    return text.getvalue().encode()
