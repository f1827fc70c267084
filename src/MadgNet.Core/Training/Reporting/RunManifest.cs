using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Models;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// What somebody needs to repeat a training run, and to know what it was: settings, seeds, samples, versions, machines. A
/// <see cref="RunFolder"/> keeps it as <c>manifest.json</c>.
/// </summary>
public sealed record RunManifest
{
    /// <summary>The name of the file in a run folder.</summary>
    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The version of this format: 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The name that the host gave the run; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The command that repeats the run, as the host gave it; null where it gave none.</summary>
    public string? Command { get; init; }

    /// <summary>Further words of the host, such as the recipe or where weights came from.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>The seed that fresh weights followed from, as the host gave it; null where it gave none.</summary>
    public long? WeightSeed { get; init; }

    /// <summary>The seed of the training loader: of order and augmentation.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// SHA-256 of all weights before the first step, in hexadecimal: a repetition has to begin with the same. Null where the run was first
    /// seen in its middle.
    /// </summary>
    public string? InitialWeights { get; init; }

    /// <summary>What the model is made of.</summary>
    public required ManifestModel Model { get; init; }

    /// <summary>The number of the model's parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>How it was trained: every setting of the trainer by its path.</summary>
    public required IReadOnlyDictionary<string, string> Trainer { get; init; }

    /// <summary>How training batches were made: every setting of the loader and its transforms by its path.</summary>
    public required IReadOnlyDictionary<string, string> TrainingLoader { get; init; }

    /// <summary>How validation batches were made; null in a run without validation.</summary>
    public IReadOnlyDictionary<string, string>? ValidationLoader { get; init; }

    /// <summary>The samples, a part each.</summary>
    public required IReadOnlyList<ManifestData> Data { get; init; }

    /// <summary>The stretches of the run, the first one first.</summary>
    public required IReadOnlyList<ManifestSession> Sessions { get; init; }

    /// <summary>What the run noticed about itself.</summary>
    public IReadOnlyList<ManifestWarning> Warnings { get; init; } = [];

    /// <summary>The best epoch, from 1; 0 before the first validation.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The validation score of the best epoch; null before the first.</summary>
    public ValidationScore? BestScore { get; init; }

    /// <summary>The mean of the metric that the run watches, of the best epoch; null before the first validation.</summary>
    public double? BestMonitored { get; init; }

    /// <summary>
    /// SHA-256 of the model card as the run wrote it last, in hexadecimal: a card that differs is somebody's own, and kept. Null before the
    /// first.
    /// </summary>
    public string? Card { get; init; }

    /// <summary>The mean loss of the last whole epoch; null before its end.</summary>
    public double? LastLoss { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">The file, or the run folder that it is in.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="TrainingException">There is no such file, it cannot be read, or it is no manifest.</exception>
    public static RunManifest Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            RunManifest manifest = JsonSerializer.Deserialize<RunManifest>(RegularFile.ReadAllBytes(file), Json)
                ?? throw new JsonException("The file holds null.");
            return manifest is
            {
                Format: 1, Model: not null, Trainer: not null, TrainingLoader: not null, Data: not null,
                Sessions: not null, Notes: not null, Warnings: not null
            }
                ? manifest
                : throw new JsonException($"It holds format {manifest.Format}, or nulls.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new TrainingException(
                new Problem(
                    file,
                    $"no readable manifest ({exception.Message.TrimEnd('.')})",
                    "a manifest.json of format 1, as a run folder holds it",
                    "Pass the folder of a run that was written by this version"),
                exception);
        }
    }

    /// <summary>The manifest as indented JSON.</summary>
    /// <returns>The text.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Writes the manifest; the file appears whole or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write there.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content = Encoding.UTF8.GetBytes(ToJson() + "\n");
        AtomicFile.Write(path, content.Length, stream => stream.Write(content));
    }
}
