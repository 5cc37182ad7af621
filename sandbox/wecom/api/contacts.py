"""Departments and members, as far as the application may see them."""

from typing import Any

from sandbox.wecom.api.call import Call
from sandbox.wecom.directory import ROOT_ID, Department, Member
from sandbox.wecom.errors import ApiError
from sandbox.wecom.faults import MEMBER_STATES
from sandbox.wecom.world import World


def brief_department(department: Department) -> dict[str, Any]:
    return {"id": department.id, "parentid": department.parent_id, "order": department.order}


def full_department(world: World, department: Department) -> dict[str, Any]:
    return {
        "id": department.id,
        "name": department.name,
        "name_en": "",
        "department_leader": [head for head in department.heads if world.visible(head)],
        "parentid": department.parent_id,
        "order": department.order,
    }


def full_member(world: World, member: Member) -> dict[str, Any]:
    """A member as the API shows it; no mobile, mail or avatar: applications created since 2022 do not get them."""
    departments = [world.directory.departments[one] for one in member.departments]
    heads = [{head.lower() for head in department.heads} for department in departments]
    return {
        "userid": member.userid,
        "name": member.name,
        "department": list(member.departments),
        "order": [0] * len(departments),
        "main_department": member.departments[0],
        "is_leader_in_dept": [int(member.userid.lower() in those) for those in heads],
        "direct_leader": [leader for leader in member.leaders if world.visible(leader)],
        "position": member.position,
        "status": MEMBER_STATES[world.faults.member_state(member.userid)],
        "enable": int(world.faults.member_state(member.userid) != "disabled"),
        "isleader": int(any(member.userid.lower() in those for those in heads)),
        "alias": "",
        "telephone": "",
        "extattr": {"attrs": []},
    }


def wanted_department(world: World, text: str) -> Department:
    found = world.directory.departments.get(int(text)) if text.isdecimal() and len(text) < 10 else None
    if found is None:
        raise ApiError(60003)
    return found


def subtree(world: World, call: Call) -> list[Department]:
    return world.directory.subtree(wanted_department(world, call.param("id") or str(ROOT_ID)).id)


async def department_list(world: World, call: Call) -> dict[str, Any]:
    return {"department": [full_department(world, d) for d in subtree(world, call)]}


async def department_simplelist(world: World, call: Call) -> dict[str, Any]:
    return {"department_id": [brief_department(d) for d in subtree(world, call)]}


async def department_get(world: World, call: Call) -> dict[str, Any]:
    return {"department": full_department(world, wanted_department(world, call.param("id")))}


def members_in(world: World, call: Call) -> list[Member]:
    """Direct members; with the legacy fetch_child=1 those below as well."""
    department = wanted_department(world, call.param("department_id"))
    ids = {department.id}
    if call.param("fetch_child") == "1":
        ids = {one.id for one in world.directory.subtree(department.id)}
    return [m for m in world.directory.members_of(ids) if world.visible(m.userid)]


async def user_list(world: World, call: Call) -> dict[str, Any]:
    return {"userlist": [full_member(world, m) for m in members_in(world, call)]}


async def user_simplelist(world: World, call: Call) -> dict[str, Any]:
    return {
        "userlist": [
            {"userid": m.userid, "name": m.name, "department": list(m.departments)} for m in members_in(world, call)
        ]
    }


async def user_get(world: World, call: Call) -> dict[str, Any]:
    if world.directory.member(call.param("userid")) is None:
        raise ApiError(60111)
    member = world.visible(call.param("userid"))
    if member is None:
        raise ApiError(60011)
    return full_member(world, member)


async def user_list_id(world: World, call: Call) -> dict[str, Any]:
    """Pages over (member, department) pairs; the cursor is the number of pairs already given."""
    limit = call.body.get("limit", 10000)
    cursor = call.text("cursor") or "0"
    if not isinstance(limit, int) or not 1 <= limit <= 10000:
        raise ApiError(40063, "limit takes 1 to 10000")
    if not cursor.isdecimal() or len(cursor) > 9:
        raise ApiError(50100, "cursor")
    pairs = [(m.userid, one) for m in world.directory.members.values() for one in m.departments]
    start, end = int(cursor), int(cursor) + limit
    return {
        "next_cursor": str(end) if end < len(pairs) else "",
        "dept_user": [{"userid": userid, "department": one} for userid, one in pairs[start:end]],
    }


async def tag_list(world: World, call: Call) -> dict[str, Any]:
    del world, call
    return {"taglist": []}


async def tag_get(world: World, call: Call) -> dict[str, Any]:
    del world, call
    raise ApiError(40068)


async def agent_get(world: World, call: Call) -> dict[str, Any]:
    if call.param("agentid") != str(world.settings.agent_id):
        raise ApiError(301002)
    visible = [m.userid for m in world.directory.members.values() if world.visible(m.userid)]
    return {
        "agentid": world.settings.agent_id,
        "name": world.settings.app_name,
        "description": "",
        "close": 0,
        "redirect_domain": sorted(world.settings.trusted_origins)[0].partition("://")[2],
        "home_url": "",
        "allow_userinfos": {"user": [{"userid": userid} for userid in visible]},
        "allow_partys": {"partyid": []},
        "allow_tags": {"tagid": []},
    }
