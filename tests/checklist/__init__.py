"""What the labels must understand, phenomenon by phenomenon: a behavioural suite as CheckList has it (Ribeiro et al. 2020).

`cases/*.yaml` hold sentences written for this suite, a file per capability. They were written before any model was asked, and
none is dropped or bent because a model fails it: a phenomenon has the `ceiling` of failures that was measured. A change of code
may only lower it; weights that were trained anew set it anew, and the changelog says where it rose. `held_out/*.yaml` was
written after the rules of nlp/ were done and nothing is ever fitted to it.
`python -m tests.checklist` prints the table of docs/models.md.
"""
