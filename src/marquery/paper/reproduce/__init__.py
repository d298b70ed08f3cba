"""The paper's table, its single operations and its rivals: trained over several seeds, and
compared.
"""
