using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Models;

namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// What the weights of a run depend on besides its state: options, model, data and split, as names and values. A run is
/// resumed only where all of them are the same, and a difference can be told by its name.
/// </summary>
/// <remarks>
/// Everything says itself what it is made of (<see cref="IDescribed"/>), so that no name of a private field gets into a file. A
/// host's object that says nothing is described by the plain values of its public properties.
/// </remarks>
internal static class RunFingerprint
{
    public static SortedDictionary<string, string> Of(
        SegmentationModel model, TrainerOptions options, BatchLoader training, BatchLoader? validation)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Model.Architecture"] = model.Architecture,
            ["Model.Options"] = model.OptionsToJson(),
            ["Model.Input"] = model.Input.ToJson(),
            ["Model.Device"] = model.Device.type.ToString(),
            ["Model.Parameters"] = DatasetIdentity.Digest(model.state_dict()
                .Select(entry => $"{entry.Key} {entry.Value.dtype} [{string.Join(',', entry.Value.shape)}]")),
        };
        foreach ((string name, object? value) in options.Essentials())
        {
            Description.Add(values, name, value);
        }

        AddLoader(values, "Training", training);
        if (validation is null)
        {
            values["Validation"] = "none";
        }
        else
        {
            AddLoader(values, "Validation", validation);
        }

        return values;
    }

    /// <summary>The parts of a run that may hold settings which nobody sees: changes of these cannot be refused.</summary>
    public static IReadOnlyList<string> Silent(TrainerOptions options, BatchLoader training)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((_, object? value) in options.Essentials().Append((nameof(training), training.Options.Transform)))
        {
            Look(value, 0);
        }

        return [.. found];

        void Look(object? value, int depth)
        {
            const int deepest = 12;
            if (value is System.Collections.IEnumerable and not string)
            {
                foreach (object? item in (System.Collections.IEnumerable)value)
                {
                    Look(item, depth + 1);
                }
            }
            else if (value is IDescribed described && depth < deepest)
            {
                if (Description.IsSilent(value))
                {
                    found.Add(Description.NameOf(value.GetType()));
                }

                foreach ((_, object? part) in described.Describe())
                {
                    Look(part, depth + 1);
                }
            }
        }
    }

    /// <summary>Everything that differs, as problems.</summary>
    public static IReadOnlyList<Problem> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        var problems = new List<Problem>();
        foreach (string name in before.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            string? old = before.GetValueOrDefault(name);
            string? present = now.GetValueOrDefault(name);
            if (old != present)
            {
                problems.Add(new Problem(
                    name,
                    present ?? "nothing",
                    $"{old ?? "nothing"}, as the run began with",
                    "Pass what the run began with, or begin a new one with ResumeMode.Never or in another folder"));
            }
        }

        return problems;
    }

    /// <summary>Whether a run is to have more epochs than before.</summary>
    public static bool HasMoreEpochs(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now) =>
        int.TryParse(before.GetValueOrDefault(nameof(TrainerOptions.Epochs)), CultureInfo.InvariantCulture, out int old)
        && int.TryParse(now.GetValueOrDefault(nameof(TrainerOptions.Epochs)), CultureInfo.InvariantCulture, out int present)
        && present > old;

    private static void AddLoader(SortedDictionary<string, string> values, string name, BatchLoader loader)
    {
        BatchLoaderOptions options = loader.Options;
        if (loader.Dataset is IDescribed)
        {
            Description.Add(values, $"{name}.{nameof(loader.Dataset)}", loader.Dataset);
        }

        values[$"{name}.Samples"] = $"{loader.SampleCount} named {DatasetIdentity.Digest(loader.SampleNames)}";
        Description.Add(values, $"{name}.{nameof(options.BatchSize)}", options.BatchSize);
        Description.Add(values, $"{name}.{nameof(options.Transform)}", options.Transform);
        Description.Add(values, $"{name}.{nameof(options.Shuffle)}", options.Shuffle);
        Description.Add(values, $"{name}.{nameof(options.DropLast)}", options.DropLast);
        Description.Add(values, $"{name}.{nameof(options.Seed)}", options.Seed);
        Description.Add(values, $"{name}.{nameof(options.ErrorPolicy)}", options.ErrorPolicy);
        Description.Add(values, $"{name}.{nameof(options.Scales)}", options.Scales);
        Description.Add(values, $"{name}.{nameof(options.ScaleMultiple)}", options.ScaleMultiple);
    }
}
