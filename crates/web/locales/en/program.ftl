# What the program prints in the terminal.
program-failed = Tongxin stopped: { $error }
program-serving = Tongxin is at { $address }
program-stop = Press Ctrl-C to stop.
program-no-community = The database holds no community yet. Bring one in with `tongxin import DIR`, or look at the sample with `tongxin demo`.
program-migrated = { $ran ->
    [0] The tables are up to date.
    [one] 1 step brought the tables up to date.
   *[other] { $ran } steps brought the tables up to date.
}
program-chain-good = { $records } records verified; none was changed. The last hash is { $hash }
program-chain-broken = Record { $seq } was changed, or one before it is missing.
program-demo-making = Making the sample community in { $data } …
program-demo-kept = The community in { $data } is kept as it is.
program-demo-accounts = Sign in with password { $password } as:
program-role-resident = a resident
program-role-unit = who acts for a unit
program-role-worker = a social worker of a residential area
program-role-secretary = the secretary of a residential area
program-role-staff = staff of the subdistrict
program-no-folder = { $dir } is not a folder.
program-import-no-community = The folder has no community.toml. samples/jingan-temple shows what belongs there.
program-import-there = The database holds the community { $community } already; nothing was imported.
program-import-refused = { $problems ->
    [one] 1 problem. Nothing was imported.
   *[other] { $problems } problems. Nothing was imported.
}
program-import-checked = { $community }: no problem found.
program-imported = { $community } was imported.
