"""The demo catalogue: sung songs made by seeded code, released as labels release them, with known truth."""
