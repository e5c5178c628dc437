"""The example in docs/billing-core.md does what it says."""

import doctest
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "billing-core.md").read_text()


def test_the_example_in_the_documentation():
    example = TEXT.split("```python\n")[1].split("```")[0]
    test = doctest.DocTestParser().get_doctest(example, {}, "billing-core.md", None, 0)
    assert doctest.DocTestRunner().run(test) == (0, len(test.examples))
