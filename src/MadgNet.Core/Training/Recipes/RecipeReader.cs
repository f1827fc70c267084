using System.Globalization;
using System.Reflection;
using System.Text.Json;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;

namespace MadgNet.Core.Training.Recipes;

/// <summary>Turns a recipe's JSON into objects. Whatever is wrong is a finding with its path, and reading goes on.</summary>
internal sealed class RecipeReader(ModelRegistry registry, RecipeParts parts, RecipeFindings findings)
{
    public const string TypeName = "type";

    private static readonly Dictionary<string, Type> Networks = new(StringComparer.Ordinal)
    {
        [MadgNetModel.ArchitectureName] = typeof(MadgNetOptions),
        [UNet.ArchitectureName] = typeof(UNetOptions),
    };

    /// <summary>Reads an object of a type by the names of its members.</summary>
    /// <param name="type">The type.</param>
    /// <param name="json">What should be an object.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="others">Names that are somebody else's.</param>
    /// <returns>The object; null, and findings, where it cannot be made.</returns>
    public object? ReadObject(Type type, JsonElement json, string path, params ReadOnlySpan<string> others)
    {
        if (!findings.IsObject(json, path))
        {
            return null;
        }

        RecipeMembers members = RecipeMembers.Of(type);
        int before = findings.Problems.Count;
        var values = new Dictionary<RecipeMember, object?>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            string at = $"{path}.{property.Name}";
            RecipeMember? member = members.All.FirstOrDefault(one => one.Name == property.Name);
            if (member is null)
            {
                if (!others.Contains(property.Name))
                {
                    findings.Unknown(at, property.Name, members.All.Select(one => one.Name).Concat(others.ToArray()));
                }
            }
            else if (values.ContainsKey(member))
            {
                findings.Add(at, "the name a second time", "every name once", "Remove one of the two");
            }
            else
            {
                values[member] = Read(member.Type, member.IsNullable, property.Value, at);
            }
        }

        foreach (RecipeMember missing in members.All.Where(member =>
            member.Parameter is { HasDefaultValue: false } parameter
                && !parameter.IsDefined(typeof(ParamArrayAttribute))
                && !values.ContainsKey(member)))
        {
            findings.Add($"{path}.{missing.Name}", "nothing", RecipeScalars.Expected(missing.Type, parts), "Add it");
        }

        return findings.Problems.Count > before ? null : Create(members, values, path);
    }

    /// <summary>Reads a value; null, and a finding, where it is none of the type.</summary>
    private object? Read(Type type, bool isNullable, JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Null && (isNullable || Nullable.GetUnderlyingType(type) is not null))
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(NetworkOptions))
        {
            return ReadNetwork(json, path);
        }

        if (RecipeParts.IsKind(type))
        {
            return ReadPart(type, json, path);
        }

        if (type == typeof(DeepSupervisionLoss))
        {
            return ReadObject(typeof(DeepSupervisionOptions), json, path) is DeepSupervisionOptions options
                ? findings.Guarded(path, () => new DeepSupervisionLoss(options))
                : null;
        }

        if (type == typeof(IntensityWindow))
        {
            return ReadWindow(json, path);
        }

        if (type == typeof(LabelSource))
        {
            return ReadLabel(json, path);
        }

        if (RecipeMembers.EntryOf(type) is { } entry)
        {
            return ReadList(entry, json, path);
        }

        if (type == typeof((double, SegmentationLoss)))
        {
            return ReadObject(typeof(RecipeForms.WeightedLoss), json, path) is RecipeForms.WeightedLoss part
                ? (part.Weight, part.Loss)
                : null;
        }

        object? value = RecipeScalars.Read(type, json, parts);
        if (value is not null)
        {
            return value;
        }

        if (RecipeScalars.IsScalar(type))
        {
            findings.Add(path, RecipeFindings.Text(json), RecipeScalars.Expected(type, parts), "Correct the value");
            return null;
        }

        return ReadObject(type, json, path);
    }

    private object? ReadPart(Type kind, JsonElement json, string path)
    {
        IReadOnlyDictionary<string, Type> known = parts.Of(kind);
        return NameIn(json, path, known.Keys) is { } name ? ReadObject(known[name], json, path, TypeName) : null;
    }

    private object? ReadNetwork(JsonElement json, string path)
    {
        string[] known = [.. Networks.Keys.Union(registry.Architectures.Select(entry => entry.Name))];
        if (NameIn(json, path, known) is not { } name)
        {
            return null;
        }

        if (Networks.TryGetValue(name, out Type? type))
        {
            return ReadObject(type, json, path, TypeName);
        }

        const string Options = "options";
        string own = "{}";
        if (json.TryGetProperty(Options, out JsonElement options))
        {
            if (!findings.IsObject(options, $"{path}.{Options}"))
            {
                return null;
            }

            own = options.GetRawText();
        }

        return ReadObject(typeof(RecipeForms.CommonNetwork), json, path, TypeName, Options) is RecipeForms.CommonNetwork common
            ? new RegisteredNetworkOptions(name)
            {
                Options = own,
                Input = common.Input,
                Labels = common.Labels,
                LabelNames = common.LabelNames,
            }
            : null;
    }

    private string? NameIn(JsonElement json, string path, IEnumerable<string> known)
    {
        if (!findings.IsObject(json, path))
        {
            return null;
        }

        string? name = json.TryGetProperty(TypeName, out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;
        if (name is not null && known.Contains(name, StringComparer.Ordinal))
        {
            return name;
        }

        if (name is null)
        {
            findings.Add($"{path}.{TypeName}", "nothing", string.Join(", ", known), "Say what it is");
        }
        else
        {
            findings.Unknown($"{path}.{TypeName}", name, known);
        }

        return null;
    }

    private IntensityWindow? ReadWindow(JsonElement json, string path)
    {
        const string Percentiles = "percentiles";
        if (!findings.IsObject(json, path))
        {
            return null;
        }

        if (json.TryGetProperty(Percentiles, out _))
        {
            return ReadObject(typeof(RecipeForms.PercentileWindow), json, path)
                is RecipeForms.PercentileWindow { Percentiles: [var low, var high] }
                ? findings.Guarded(path, () => IntensityWindow.Percentiles(low, high))
                : findings.Refuse<IntensityWindow>($"{path}.{Percentiles}", RecipeFindings.Text(json), "two numbers, 0 to 100 and rising");
        }

        return ReadObject(typeof(Inputs.InputWindow), json, path) is Inputs.InputWindow window
            ? findings.Guarded(path, () => IntensityWindow.CenterWidth(window.Center, window.Width))
            : null;
    }

    private LabelSource? ReadLabel(JsonElement json, string path) =>
        ReadObject(typeof(RecipeForms.StoredLabel), json, path) is not RecipeForms.StoredLabel label
            ? null
            : findings.Guarded(path, () => Of(label) with { Reading = label.Reading });

    private static LabelSource Of(RecipeForms.StoredLabel label) => label switch
    {
        { Markers.Count: > 0, Values.Count: 0, AreColors: false } => LabelSource.MaskFiles(label.Name, label.Markers),
        { Values.Count: > 0, Markers.Count: 0, AreColors: true } => LabelSource.Colors(label.Name, label.Values),
        { Values.Count: > 0, Markers.Count: 0 } => LabelSource.Indices(label.Name, label.Values),
        { Values.Count: 0, Markers.Count: 0, AreColors: false } => LabelSource.AllMasks(label.Name),
        _ => throw new ArgumentException(
            "received markers and values, or colours without values; expected markers, or values, or neither. Leave one out"),
    };

    private Array? ReadList(Type entry, JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            findings.Add(path, RecipeFindings.Text(json), "a list", "Put the entries between [ and ]");
            return null;
        }

        // Null in a list is legal where the list says so: a channel without a window.
        bool isNullable = entry == typeof(Inputs.InputWindow);
        int before = findings.Problems.Count;
        object?[] values = [.. json.EnumerateArray().Select((item, i) => Read(
            entry, isNullable, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")))];
        if (findings.Problems.Count > before)
        {
            return null;
        }

        var list = Array.CreateInstance(entry, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            list.SetValue(values[i], i);
        }

        return list;
    }

    private object? Create(RecipeMembers members, Dictionary<RecipeMember, object?> values, string path)
    {
        object? Argument(ParameterInfo parameter)
        {
            foreach ((RecipeMember member, object? value) in values)
            {
                if (member.Parameter == parameter)
                {
                    return value;
                }
            }

            return parameter.HasDefaultValue
                ? parameter.DefaultValue
                : Array.CreateInstance(RecipeMembers.EntryOf(parameter.ParameterType) ?? typeof(object), 0);
        }

        object?[] arguments = [.. members.Constructor.GetParameters().Select(Argument)];
        object? result = findings.Guarded(path, () => members.Constructor.Invoke(arguments));
        if (result is null)
        {
            return null;
        }

        foreach ((RecipeMember member, object? value) in values.Where(entry => entry.Key.Parameter is null))
        {
            findings.Guarded(
                $"{path}.{member.Name}",
                () =>
                {
                    member.Property!.SetValue(result, value);
                    return result;
                });
        }

        return result;
    }
}
