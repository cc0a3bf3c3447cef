"""The version, which decisions carry and the wheel is built with."""

VERSION = "0.1.0"
