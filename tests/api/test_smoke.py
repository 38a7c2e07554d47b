"""The server answers at all."""


def test_version_and_me(server):
    assert server.ok("instance.version", token=False) == {"version": "6.18.3"}
    assert server.ok("users.me")["login"] == "admin"


def test_sdk_reads_team(server):
    assert server.sdk().team.get_info_by_id(server.team_id).name == "admin"
