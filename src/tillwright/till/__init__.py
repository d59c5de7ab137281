"""The till: goods, baskets, and (in its pages) the sale."""
