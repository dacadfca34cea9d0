"""Writes the descriptors of Spark Connect's messages, as pyspark has them: python spark-connect-descriptors.py FILE."""

import sys

from google.protobuf import descriptor_pb2
from pyspark.sql.connect.proto import base_pb2

files = {}


def add(descriptor):
    if descriptor.name in files:
        return
    for dependency in descriptor.dependencies:
        add(dependency)
    files[descriptor.name] = descriptor_pb2.FileDescriptorProto()
    descriptor.CopyToProto(files[descriptor.name])


add(base_pb2.DESCRIPTOR)
with open(sys.argv[1], "wb") as file:
    file.write(descriptor_pb2.FileDescriptorSet(file=list(files.values())).SerializeToString())
