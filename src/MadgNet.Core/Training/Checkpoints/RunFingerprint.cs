using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using MadgNet.Core.Data;
using MadgNet.Core.Models;
using TorchSharp;

namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// What the weights of a run depend on besides its state: options, model, data and split, as names and values. A run is
/// resumed only where all of them are the same, and a difference can be told by its name.
/// </summary>
/// <remarks>
/// Objects of this library are described by all that they hold; a host's own (a transform, a schedule) by their type and the
/// plain values of their public properties, because their fields may hold caches.
/// </remarks>
internal static class RunFingerprint
{
    private const int MaximumDepth = 12;

    public static SortedDictionary<string, string> Of(SegmentationModel model, TrainerOptions options, DataLoader training, DataLoader? validation)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Model.Architecture"] = model.Architecture,
            ["Model.Options"] = model.OptionsToJson(),
            ["Model.Input"] = model.Input.ToJson(),
            ["Model.Device"] = model.Device.type.ToString(),
            ["Model.Parameters"] = Digest(model.state_dict().Select(entry => $"{entry.Key} {entry.Value.dtype} [{string.Join(',', entry.Value.shape)}]")),
        };
        foreach ((string name, object? value) in options.Essentials())
        {
            Describe(values, name, value, 0);
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

    private static void AddLoader(SortedDictionary<string, string> values, string name, DataLoader loader)
    {
        DataLoaderOptions options = loader.Options;
        values[$"{name}.Samples"] = $"{loader.SampleCount} named {Digest(loader.SampleNames)}";
        Describe(values, $"{name}.{nameof(options.BatchSize)}", options.BatchSize, 0);
        Describe(values, $"{name}.{nameof(options.Transform)}", options.Transform, 0);
        Describe(values, $"{name}.{nameof(options.Shuffle)}", options.Shuffle, 0);
        Describe(values, $"{name}.{nameof(options.DropLast)}", options.DropLast, 0);
        Describe(values, $"{name}.{nameof(options.Seed)}", options.Seed, 0);
        Describe(values, $"{name}.{nameof(options.ErrorPolicy)}", options.ErrorPolicy, 0);
        Describe(values, $"{name}.{nameof(options.Scales)}", options.Scales, 0);
        Describe(values, $"{name}.{nameof(options.ScaleMultiple)}", options.ScaleMultiple, 0);
    }

    private static void Describe(SortedDictionary<string, string> values, string name, object? value, int depth)
    {
        switch (value)
        {
            case null:
                values[name] = "null";
                return;
            case string text:
                values[name] = text;
                return;
            case double real:
                values[name] = real.ToString("R", CultureInfo.InvariantCulture);
                return;
            case float real:
                values[name] = real.ToString("R", CultureInfo.InvariantCulture);
                return;
            case Enum or bool or TimeSpan:
                values[name] = value.ToString()!;
                return;
            case IFormattable number when value.GetType().IsPrimitive:
                values[name] = number.ToString(null, CultureInfo.InvariantCulture);
                return;
            case IDataset dataset:
                values[name] = $"{dataset.Count} samples named {Digest(Enumerable.Range(0, dataset.Count).Select(dataset.NameOf))}";
                return;
            case IEnumerable items when depth < MaximumDepth:
                int index = 0;
                foreach (object? item in items)
                {
                    Describe(values, $"{name}[{index++}]", item, depth + 1);
                }

                values[name] = $"{index} entries";
                return;
        }

        Type type = value.GetType();
        values[name] = type.IsGenericType ? type.Name : type.FullName ?? type.Name;
        if (depth >= MaximumDepth || value is Delegate or torch.Tensor or torch.nn.Module)
        {
            return;
        }

        if (type.Assembly == typeof(RunFingerprint).Assembly || IsTuple(type))
        {
            for (Type? part = type; part is not null && part != typeof(object); part = part.BaseType)
            {
                foreach (FieldInfo field in part.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    Describe(values, $"{name}.{Readable(field.Name)}", field.GetValue(value), depth + 1);
                }
            }

            return;
        }

        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            bool plain = property.PropertyType.IsPrimitive || property.PropertyType.IsEnum || property.PropertyType == typeof(string);
            if (plain && property.CanRead && property.GetIndexParameters().Length == 0)
            {
                Describe(values, $"{name}.{property.Name}", property.GetValue(value), depth + 1);
            }
        }
    }

    private static bool IsTuple(Type type) => type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true;

    /// <summary>The name of the property behind a field that the compiler made: <c>&lt;Height&gt;k__BackingField</c>, <c>&lt;height&gt;P</c>, <c>_height</c>.</summary>
    private static string Readable(string field)
    {
        int end = field.IndexOf('>', StringComparison.Ordinal);
        return field.StartsWith('<') && end > 1 ? field[1..end] : field.TrimStart('_');
    }

    private static string Digest(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line));
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
