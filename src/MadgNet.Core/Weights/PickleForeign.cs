namespace MadgNet.Core.Weights;

/// <summary>
/// A class that the pickle names and that is not known, or an object of it: kept as its name alone. Nothing of it is looked up, made
/// or executed; what is set or appended to it is dropped.
/// </summary>
internal sealed record PickleForeign(string Module, string Name)
{
    /// <summary>
    /// Modules whose functions run programs, read files or reach other functions. No training script has a reason to pickle one: a
    /// file that names them is an attack, and is refused as a whole.
    /// </summary>
    private static readonly HashSet<string> Dangerous = new(StringComparer.Ordinal)
    {
        "os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "importlib", "runpy", "code", "codeop", "pty", "socket",
        "shutil", "webbrowser", "ctypes", "pickle", "_pickle", "cPickle", "marshal", "types", "operator", "_operator", "functools",
        "bdb", "pdb", "timeit", "platform", "commands", "multiprocessing", "asyncio", "io", "_io", "tempfile", "urllib", "http",
        "requests", "ftplib", "smtplib", "pip", "setuptools", "distutils", "zipimport", "imp", "pkgutil", "inspect", "dill",
        "cloudpickle", "joblib", "signal", "threading", "_thread", "atexit", "gc", "weakref", "traceback", "linecache", "site",
    };

    /// <summary>Plain types of the builtins, which hold values and do nothing.</summary>
    private static readonly HashSet<string> PlainBuiltins = new(StringComparer.Ordinal)
    {
        "int", "float", "bool", "str", "bytes", "bytearray", "complex", "slice", "range", "object", "tuple", "dict", "Ellipsis",
    };

    /// <summary>Whether a name is one that only an attack has.</summary>
    public static bool IsDangerous(string module, string name)
    {
        string root = module.Split('.')[0];
        return root is "builtins" or "__builtin__" ? !PlainBuiltins.Contains(name)
            : Dangerous.Contains(root) || name.Contains("__", StringComparison.Ordinal)
                || module is "torch.hub" or "torch.jit" or "torch.utils.cpp_extension" or "numpy.testing._private.utils"
                || name is "system" or "popen" or "exec" or "eval" or "load" or "loads" or "run" or "runcode" or "execfile";
    }

    public override string ToString() => $"{Module}.{Name}";
}
