using System.Text.Json;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>
/// What one training of the bench came to. It is kept in a file, so that a bench that was interrupted goes on where it stopped.
/// </summary>
internal sealed record PretrainedResult
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public required string Settings { get; init; }

    public required string Case { get; init; }

    public required string Start { get; init; }

    public required long Seed { get; init; }

    public required double Validation { get; init; }

    public required Score Seen { get; init; }

    public Score? Unseen { get; init; }

    public required long Steps { get; init; }

    /// <summary>Of training and validation, without the test.</summary>
    public required double Seconds { get; init; }

    /// <summary>Reads what was kept; null where nothing was, or under other settings.</summary>
    public static PretrainedResult? Load(string path, string settings)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            PretrainedResult? kept = JsonSerializer.Deserialize<PretrainedResult>(File.ReadAllText(path));
            return kept?.Settings == settings ? kept : null;
        }
        catch (JsonException)
        {
            // Of an earlier form of the bench: measured again.
            return null;
        }
    }

    public void Save(string path)
    {
        string beside = path + ".tmp";
        File.WriteAllText(beside, JsonSerializer.Serialize(this, Json));
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>A mean Dice over images, labels together, with its 95 % interval.</summary>
    internal sealed record Score(double Mean, double Lower, double Upper, int Images)
    {
        public override string ToString() => Measuring.Text($"{Mean:F3} [{Lower:F3}, {Upper:F3}]");
    }
}
