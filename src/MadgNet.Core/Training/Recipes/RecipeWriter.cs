using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;

namespace MadgNet.Core.Training.Recipes;

/// <summary>Turns the objects of a recipe into JSON. What has no name there is a finding with its path.</summary>
internal sealed class RecipeWriter(RecipeParts parts)
{
    private readonly List<Problem> _problems = [];

    public List<Problem> Problems => _problems;

    public JsonObject WriteObject(object value, string path)
    {
        var json = new JsonObject();
        foreach (RecipeMember member in RecipeMembers.Of(value.GetType()).All)
        {
            string at = $"{path}.{member.Name}";
            if (member.Property is { } property)
            {
                json[member.Name] = Write(property.GetValue(value), member.Type, at);
            }
            else
            {
                Refuse(at, $"a {value.GetType().Name}, which does not show its '{member.Name}'");
            }
        }

        return json;
    }

    private JsonNode? Write(object? value, Type type, string path)
    {
        switch (value)
        {
            case null:
                return null;
            case NetworkOptions network:
                return WriteNetwork(network, path);
            case DeepSupervisionLoss loss:
                return WriteObject(loss.Options, path);
            case IntensityWindow window:
                return WriteWindow(window);
            case LabelSource label:
                return WriteObject(
                    new RecipeForms.StoredLabel(label.Name)
                    {
                        Markers = label.Markers,
                        Values = label.Values,
                        AreColors = label.AreColors,
                        Reading = label.Reading,
                    },
                    path);
            case ValueTuple<double, SegmentationLoss> part:
                return WriteObject(new RecipeForms.WeightedLoss(part.Item1, part.Item2), path);
            case Metric metric:
                return parts.Metrics.Contains(metric)
                    ? metric.Name
                    : Refuse(path, $"the metric '{metric.Name}' of the host's");
            case string text:
                return text;
            case bool truth:
                return truth;
            case int whole:
                return whole;
            case long large:
                return large;
            case float single:
                return single;
            case double real:
                return double.IsFinite(real) ? real : Refuse(path, real.ToString(CultureInfo.InvariantCulture));
            case Enum choice:
                return choice.ToString();
            case TimeSpan time:
                return time.ToString("c", CultureInfo.InvariantCulture);
            case IEnumerable items when RecipeMembers.EntryOf(type) is { } entry:
                return new JsonArray([.. items.Cast<object?>().Select((item, i) =>
                    Write(item, entry, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")))]);
        }

        return RecipeParts.IsKind(type) ? WritePart(value, path) : WriteObject(value, path);
    }

    private JsonNode? WritePart(object value, string path)
    {
        if (parts.NameOf(value.GetType()) is not { } name)
        {
            return Refuse(path, $"a {value.GetType().Name}, which has no name");
        }

        JsonObject json = WriteObject(value, path);
        json.Insert(0, RecipeReader.TypeName, name);
        return json;
    }

    private JsonNode? WriteNetwork(NetworkOptions network, string path)
    {
        JsonObject json;
        if (network is MadgNetOptions or UNetOptions)
        {
            json = WriteObject(network, path);
        }
        else
        {
            json = WriteObject(
                new RecipeForms.CommonNetwork { Input = network.Input, Labels = network.Labels, LabelNames = network.LabelNames }, path);
            try
            {
                json["options"] = JsonNode.Parse(network.ToJson());
            }
            catch (JsonException)
            {
                return Refuse(path, $"options of the network '{network.Architecture}' that are no JSON");
            }
        }

        json.Insert(0, RecipeReader.TypeName, network.Architecture);
        return json;
    }

    private static JsonObject WriteWindow(IntensityWindow window)
    {
        (string name, object? bounds) = ((IDescribed)window).Describe().Single();
        double[] values = [.. ((object[])bounds!).Cast<double>()];
        return name == "Percentiles"
            ? new JsonObject { ["percentiles"] = new JsonArray(values[0], values[1]) }
            : new JsonObject { ["center"] = (values[0] + values[1]) / 2, ["width"] = values[1] - values[0] };
    }

    private JsonNode? Refuse(string path, string received)
    {
        _problems.Add(new Problem(
            path,
            received,
            "what JSON can say: parts of the library, or of the host with a name",
            "Register it with RecipeParts.With, or set it in code after the recipe is read"));
        return null;
    }
}
