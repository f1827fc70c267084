using System.Reflection;
using System.Text.Json;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Training.Recipes;

/// <summary>What is wrong with a recipe's JSON: everything, each with its path.</summary>
internal sealed class RecipeFindings
{
    /// <summary>The findings so far.</summary>
    public List<Problem> Problems { get; } = [];

    /// <summary>What an object refuses of its own is a finding too.</summary>
    public T? Guarded<T>(string path, Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (Exception exception) when ((exception is TargetInvocationException ? exception.InnerException : exception)
            is ArgumentException or MadgNetException)
        {
            Exception cause = exception is TargetInvocationException ? exception.InnerException! : exception;
            string message = cause.Message.Split(" (Parameter", 2)[0].TrimEnd('.');
            return Refuse<T>(path, "a value that is refused", message);
        }
    }

    /// <summary>Adds a finding.</summary>
    /// <returns>Null, for the value that there is not.</returns>
    public T? Refuse<T>(string path, string received, string expected)
        where T : class
    {
        Add(path, received, expected, "Correct the value");
        return null;
    }

    /// <summary>Whether JSON is an object; a finding where it is none.</summary>
    public bool IsObject(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        Add(path, Text(json), "an object", "Put names and values between { and }");
        return false;
    }

    /// <summary>Adds the finding of a name that nothing has.</summary>
    public void Unknown(string path, string name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        string meant = NearestName.Find(name, names) is { } near ? $"Did you mean '{near}'? Write that, or" : "Rename it, or";
        Add(path, $"'{name}', which is not known", string.Join(", ", names), $"{meant} remove it");
    }

    /// <summary>Adds a finding.</summary>
    public void Add(string path, string received, string expected, string remedy) =>
        Problems.Add(new Problem(path, received, expected, remedy));

    /// <summary>JSON for a message, cut where it is long.</summary>
    public static string Text(JsonElement json)
    {
        string text = json.GetRawText();
        return text.Length <= 60 ? text : $"{text[..57]}…";
    }
}
