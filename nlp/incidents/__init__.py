"""Incidents found online: posts about one happening grouped, counted against what is usual, raised and explained.

    features    a post as a sparse vector of hashed bigrams, words and numbers, weighted by a shipped IDF table
    grouping    the nearest of the open clusters by an inverted index, or a new one; which words rise; bounded, with eviction
    cluster     one cluster: its centroid and its counts; whole numbers, so that a restart continues exactly
    accounts    what it holds beside plain numbers
    voices      how much of each author is heard
    waves       the same text by many accounts at once
    union       two clusters counted as one
    affinity    how likely two clusters are parts of one happening
    ties        which happening a cluster belongs to, and which happenings are one
    happenings  incidents made of clusters, which may join and leave
    pace        how many posts a jurisdiction usually has at this hour; it sets how long matters stay open
    usual       and how many each of its domains has
    burst       is this more than usual: the tail of a Gamma-Poisson model
    rising      does it rise slowly: a Gamma-Poisson CUSUM
    heat        the ranking figure
    merging     whether two raised incidents that share few words are one happening all the same
    communities communities of a graph: what the benchmark's best rival is made of
    similar     past incidents like one
    telling     what the posts tell beyond figures: doubt, feelings over time, different voices
    wording     title and terms, taken from the posts
    explain     reasons, and the incident record made of a cluster
    moves       how posts, clusters and happenings come together and part
    bulletin    which versions of an incident are told, and when
    corrected   what people say of the grouping, and how it holds
    detector    one jurisdiction: all of these, and its state as rows

Time comes from the posts only. Every post is decided at once from what came before it, so that a replay gives what live
gave and the cut into batches changes nothing but how often an update is told.
"""
