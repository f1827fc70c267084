using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: one sealed safetensors file each, <c>checkpoints/step-0000000123.safetensors</c>, written
/// beside, forced to the disk and renamed.
/// </summary>
internal sealed class CheckpointFolder(string output, CheckpointOptions options, ILogger logger)
{
    /// <summary>The name of the folder in that of the run.</summary>
    public const string Name = "checkpoints";

    private const string Prefix = "step-";
    private const string Extension = ".safetensors";
    private const string StateKey = "madgnet.run";
    private const string FingerprintKey = "madgnet.run.fingerprint";
    private const string VersionsKey = "madgnet.run.versions";

    private readonly string _folder = System.IO.Path.Combine(output, Name);

    /// <summary>The folder.</summary>
    public string Path => _folder;

    /// <summary>The versions and settings that bits may depend on.</summary>
    public static SortedDictionary<string, string> Versions() => new(StringComparer.Ordinal)
    {
        ["MadgNet.Core"] = Version(typeof(CheckpointFolder)),
        ["TorchSharp"] = Version(typeof(torch)),
        ["Runtime"] = RuntimeInformation.FrameworkDescription,
        ["System"] = RuntimeInformation.RuntimeIdentifier,
        ["Threads"] = get_num_threads().ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The checkpoints, latest first.</summary>
    public IReadOnlyList<(string Path, long Step)> List()
    {
        if (!Directory.Exists(_folder))
        {
            return [];
        }

        return
        [
            .. Directory.EnumerateFiles(_folder, $"{Prefix}*{Extension}")
                .Select(path => (Path: path, Step: StepOf(path)))
                .Where(entry => entry.Step >= 0)
                .OrderByDescending(entry => entry.Step),
        ];
    }

    /// <summary>Writes a checkpoint and removes those that are no longer to be kept.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="WeightFileException">It cannot be written; the others are as they were.</exception>
    public string Save(
        RunState state,
        IReadOnlyDictionary<string, string> fingerprint,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        Action<string>? probe)
    {
        string path = System.IO.Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.Step:D10}{Extension}"));
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightFileReader.Fault(
                path,
                $"a folder that cannot be made ({exception.Message.TrimEnd('.')})",
                "a folder that can be written to",
                "Check the disk and the permissions",
                exception);
        }

        var metadata = new Dictionary<string, string>
        {
            [StateKey] = state.ToJson(),
            [FingerprintKey] = JsonSerializer.Serialize(fingerprint),
            [VersionsKey] = JsonSerializer.Serialize(Versions()),
        };
        SafetensorsFile.SaveSealed(
            path,
            tensors,
            metadata,
            probe is null
                ? null
                : written => probe($"{(written == 0 ? "checkpoint begun" : "checkpoint half written")}, step {state.Step}"));
        probe?.Invoke($"checkpoint renamed, step {state.Step}");
        Prune(state);
        return path;
    }

    /// <summary>Opens the latest checkpoint that is whole; null where there is none.</summary>
    /// <param name="damaged">Is told of every one that is not.</param>
    /// <exception cref="ResumeException">There are checkpoints, and all are damaged.</exception>
    public LoadedCheckpoint? OpenLatest(Action<string, WeightFileException> damaged)
    {
        IReadOnlyList<(string Path, long Step)> files = List();
        var faults = new List<(string Path, WeightFileException Exception)>();
        foreach ((string path, _) in files)
        {
            try
            {
                LoadedCheckpoint whole = Open(path);
                foreach ((string fault, WeightFileException exception) in faults)
                {
                    damaged(fault, exception);
                    SetDamagedAside(fault);
                }

                return whole;
            }
            catch (WeightFileException exception)
            {
                faults.Add((path, exception));
            }
        }

        // Where none is whole, nothing is renamed: the next attempt must not take the folder for an empty one.
        return files.Count == 0 ? null : throw new ResumeException(_folder, [.. faults.Select(fault => fault.Exception.Problem)]);
    }

    /// <summary>Reads and checks a checkpoint as a whole.</summary>
    /// <exception cref="WeightFileException">It is damaged or no checkpoint.</exception>
    public static LoadedCheckpoint Open(string path)
    {
        SafetensorsFile.Verify(path);
        WeightArchive archive = SafetensorsFile.Open(path);
        try
        {
            return new LoadedCheckpoint(
                archive,
                RunState.FromJson(archive.Metadata[StateKey]),
                Texts(archive.Metadata[FingerprintKey], "the description of the run", mayBeEmpty: false),
                Texts(archive.Metadata[VersionsKey], "the versions", mayBeEmpty: true));
        }
        catch (Exception exception) when (exception is KeyNotFoundException or JsonException or NotSupportedException)
        {
            archive.Dispose();
            throw WeightFileReader.Fault(
                path,
                $"a file without the state of a run ({exception.Message.TrimEnd('.')})",
                "a checkpoint that a trainer of this version wrote",
                "Use a checkpoint of this version, or its weights alone",
                exception);
        }
    }

    private static Dictionary<string, string> Texts(string json, string what, bool mayBeEmpty)
    {
        Dictionary<string, string>? texts = JsonSerializer.Deserialize<Dictionary<string, string>>(json);
        return texts is null || texts.Values.Any(text => text is null) || (texts.Count == 0 && !mayBeEmpty)
            ? throw new JsonException($"{what} {(texts is null ? "is null" : texts.Count == 0 ? "is empty" : "holds null")}")
            : texts;
    }

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? type.Assembly.GetName().Version?.ToString() ?? "unknown";

    private static long StepOf(string path)
    {
        ReadOnlySpan<char> name = System.IO.Path.GetFileName(path.AsSpan())[Prefix.Length..^Extension.Length];
        return long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1;
    }

    /// <summary>Out of the way, so that it does not count as the latest; kept, because somebody may want to look at it.</summary>
    private void SetDamagedAside(string path)
    {
        try
        {
            string free = path + ".damaged";
            File.Move(path, File.Exists(free) ? KeptFile.FreeName(free, ".damaged") : free, overwrite: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(exception, "Cannot rename the damaged checkpoint {Path}", path);
        }
    }

    private void Prune(RunState state)
    {
        foreach ((string path, long step) in List().Skip(options.Keep))
        {
            if (options.KeepBest && (step == state.Best?.Step || step == state.BestAverage?.Step))
            {
                continue;
            }

            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(exception, "Cannot remove the old checkpoint {Path}", path);
            }
        }
    }
}
