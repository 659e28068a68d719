# SPDX-License-Identifier: BSD-2-Clause
"""Reads the interface description and writes headers and reference pages from it."""
