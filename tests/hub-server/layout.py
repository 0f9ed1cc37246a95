#!/usr/bin/env python3
"""Lays a .NET 9 runtime out as `dotnet` expects it, from a program that was published with its runtime.

usage: layout.py <the program's directory> <the SDK 3.1's directory> <where to>

The published program brings all assemblies of the two shared frameworks, but flat and without the files that describe
them. Here they are sorted into `shared/<framework>/<version>`, and described.
"""
import json
import os
import shutil
import sys

BASE = "Microsoft.NETCore.App"
WEB = "Microsoft.AspNetCore.App"


def framework_files(target, framework):
    """The version of a framework, and the names of the files it consists of."""
    for package, content in target.items():
        if package.startswith(f"runtimepack.{framework}"):
            names = [os.path.basename(path) for kind in ("runtime", "native") for path in content.get(kind, {})]
            return package.split("/")[1], set(names)
    raise SystemExit(f"the program does not bring {framework}")


def describe(directory, framework, version):
    """Writes the deps.json without which the framework's assemblies are not found."""
    runtime = ".NETCoreApp,Version=v9.0/linux-x64"
    library = f"{framework}.Runtime.linux-x64/{version}"
    names = sorted(os.listdir(directory))
    assemblies = {
        "runtime": {name: {} for name in names if name.endswith(".dll")},
        "native": {name: {} for name in names if name.endswith(".so")},
    }
    description = {
        "runtimeTarget": {"name": runtime, "signature": ""},
        "compilationOptions": {},
        "targets": {runtime: {library: assemblies}},
        "libraries": {library: {"type": "package", "serviceable": True, "sha512": ""}},
    }
    with open(f"{directory}/{framework}.deps.json", "w") as file:
        json.dump(description, file, indent=1)


def belongs_to_web(name):
    """Assemblies of the web framework which the program replaced with newer ones of its own packages."""
    theirs = ("Microsoft.Extensions.Azure", "System.ClientModel", "System.Memory.Data")
    frameworks = ("Microsoft.Extensions.", "Microsoft.AspNetCore.", "System.")
    return name.endswith(".dll") and name.startswith(frameworks) and not name.startswith(theirs)


def main(program, sdk, out):
    with open(f"{program}/azmcp.deps.json") as file:
        deps = json.load(file)
    target = deps["targets"][deps["runtimeTarget"]["name"]]
    brought = set(os.listdir(program))
    version, base_files = framework_files(target, BASE)
    web_version, web_files = framework_files(target, WEB)
    base, web = f"{out}/shared/{BASE}/{version}", f"{out}/shared/{WEB}/{web_version}"
    resolver = f"{out}/host/fxr/{version}"
    for directory in (base, web, resolver):
        os.makedirs(directory)
    replaced = {name for name in brought - base_files - web_files if belongs_to_web(name)}
    for names, directory in ((base_files | {"libhostpolicy.so"}, base), (web_files | replaced, web)):
        for name in names & brought:
            shutil.copy2(f"{program}/{name}", directory)
    shutil.copy2(f"{program}/libhostfxr.so", resolver)
    shutil.copy2(f"{sdk}/dotnet", f"{out}/dotnet")
    os.chmod(f"{out}/dotnet", 0o755)
    describe(base, BASE, version)
    describe(web, WEB, web_version)
    needs = {"tfm": "net9.0", "framework": {"name": BASE, "version": version}, "rollForward": "LatestPatch"}
    with open(f"{web}/{WEB}.runtimeconfig.json", "w") as file:
        json.dump({"runtimeOptions": needs}, file)
    for part in ("sdk", "packs", "templates"):
        os.symlink(f"{sdk}/{part}", f"{out}/{part}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
