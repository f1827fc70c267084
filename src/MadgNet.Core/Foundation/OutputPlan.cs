using System.Text;

namespace MadgNet.Core.Foundation;

/// <summary>
/// What a piece of work reads and what it will write, decided before the first byte is written: an output is never an input, no two
/// outputs share a name, and a file of another kind is not replaced.
/// </summary>
/// <example>
/// <code>
/// var plan = new OutputPlan();
/// plan.ReadFile("scan.png", "the image");
/// plan.Write("masks/scan.png", "the mask");
/// plan.ThrowIfRefused();
/// </code>
/// </example>
public sealed class OutputPlan
{
    /// <summary>The longest name, in bytes, that the usual file systems take.</summary>
    private const int LongestName = 255;

    private readonly List<(string Path, string What)> _inputs = [];
    private readonly List<(string Path, string What)> _folders = [];
    private readonly Dictionary<string, string> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _inputKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<FileStatus, string> _inputNumbers = [];
    private readonly List<Problem> _problems = [];

    /// <summary>What is wrong with the outputs so far.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Names a file that is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for a message: an option, or words.</param>
    public void ReadFile(string path, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(what);
        _inputs.Add((path, what));
        _inputKeys.TryAdd(OutputPath.Resolve(path), what);
        if (FileStatus.Of(path) is { Number: > 0 } status)
        {
            _inputNumbers.TryAdd(status, what);
        }
    }

    /// <summary>Names a folder whose files are read: nothing is written into it, or below it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What it is, for a message.</param>
    public void ReadFolder(string folder, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(what);
        _folders.Add((folder, what));
    }

    /// <summary>Names the folder that outputs go to.</summary>
    /// <param name="folder">The folder, which need not be there yet.</param>
    /// <param name="what">What it is, for a message.</param>
    public void WriteFolder(string folder, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(what);
        if (File.Exists(folder) || RegularFile.Special(folder) is not null)
        {
            _problems.Add(new Problem(what, $"'{folder}', which is no folder", "a folder", "Choose another path"));
        }

        CheckFolders(folder, what);
    }

    /// <summary>Names a file that will be written.</summary>
    /// <param name="path">The file, which need not be there yet.</param>
    /// <param name="what">What it is, for a message.</param>
    /// <param name="extension">The extension that a file must have to be replaced; null where any may be.</param>
    public void Write(string path, string what, string? extension = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(what);
        int before = _problems.Count;
        CheckFile(path, what);
        if (extension is not null && _problems.Count == before && File.Exists(path)
            && !Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase))
        {
            _problems.Add(new Problem(
                what, $"'{path}', a file of another kind that is there already", $"a new file, or one that ends in {extension}",
                "Choose another name, or remove the file"));
        }

        if (Taken(path, what) is { } taken)
        {
            _problems.Add(taken);
        }
    }

    /// <summary>
    /// Names the files that will be written for one of many inputs, such as an image of a folder. Where another input's files have one of
    /// the names, none of them is taken, and the plan stays good for the others.
    /// </summary>
    /// <param name="owner">The input.</param>
    /// <param name="paths">Its files.</param>
    /// <returns>Why the input has to be left out; null where it has not.</returns>
    public Problem? Claim(string owner, params IReadOnlyList<string> paths)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentNullException.ThrowIfNull(paths);
        foreach (string path in paths)
        {
            if (Encoding.UTF8.GetByteCount(Path.GetFileName(path)) > LongestName)
            {
                return new Problem(
                    owner, $"a name that makes '{Path.GetFileName(path)}' longer than file systems take",
                    $"names of at most {LongestName} bytes", "Rename the image");
            }

            string key = OutputPath.KeyOf(path);
            if (_outputs.TryGetValue(key, out string? other))
            {
                return new Problem(
                    owner,
                    $"an image whose result would be called as one of '{other}': '{path}'",
                    "images whose results have names that differ",
                    "Rename one of the two, or segment it into another folder");
            }
        }

        foreach (string path in paths)
        {
            CheckFile(path, owner);
            _outputs.TryAdd(OutputPath.KeyOf(path), owner);
        }

        return null;
    }

    /// <summary>Refuses an output for a reason of the caller's.</summary>
    /// <param name="problem">The reason.</param>
    public void Refuse(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        _problems.Add(problem);
    }

    /// <summary>Whether a path is a folder or lies below it, links followed and under whatever names both are called.</summary>
    /// <param name="path">A path, which need not be there yet.</param>
    /// <param name="folder">A folder.</param>
    /// <returns>True where it does.</returns>
    public static bool IsWithin(string path, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return OutputPath.IsWithin(path, folder);
    }

    /// <summary>Ends the work before it begins where an output is refused.</summary>
    /// <exception cref="OutputException">At least one output is; lists all problems.</exception>
    public void ThrowIfRefused()
    {
        if (_problems.Count > 0)
        {
            throw new OutputException([.. _problems.Distinct()]);
        }
    }

    private void CheckFile(string path, string what)
    {
        if (InputAt(path) is { } input)
        {
            _problems.Add(new Problem(
                what,
                $"'{path}', which is also read ({input})",
                "an output that is no input",
                "Choose another path: the file that is read would be replaced"));
            return;
        }

        CheckFolders(path, what);
        if (Directory.Exists(path))
        {
            _problems.Add(new Problem(what, $"'{path}', which is a folder", "the path of a file", "Choose another name"));
        }
        else if (RegularFile.Special(path) is { } special)
        {
            _problems.Add(new Problem(what, $"'{path}', which is {special}", "the path of a file", "Choose another name"));
        }
    }

    private string? InputAt(string path)
    {
        if (_inputKeys.TryGetValue(OutputPath.Resolve(path), out string? what)
            || (FileStatus.Of(path) is { Number: > 0 } status && _inputNumbers.TryGetValue(status, out what)))
        {
            return what;
        }

        // Where names differ in case only, and the file is not there to be asked.
        return OperatingSystem.IsLinux() ? null : _inputs.Find(input => OutputPath.IsSame(input.Path, path)).What;
    }

    private void CheckFolders(string path, string what)
    {
        foreach ((string folder, string input) in _folders)
        {
            if (OutputPath.IsWithin(path, folder))
            {
                _problems.Add(new Problem(
                    what,
                    $"'{path}', within '{folder}', which is read ({input})",
                    "a place outside of what is read",
                    "Choose a folder beside it: the next run would take results for inputs"));
                return;
            }
        }
    }

    private Problem? Taken(string path, string what)
    {
        string key = OutputPath.KeyOf(path);
        if (_outputs.TryGetValue(key, out string? other))
        {
            return new Problem(what, $"'{path}', which {other} is written to as well", "files of their own", "Choose another name");
        }

        _outputs.Add(key, what);
        return null;
    }
}
