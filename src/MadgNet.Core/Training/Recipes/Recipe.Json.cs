using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Core.Models.Registry;

namespace MadgNet.Core.Training.Recipes;

/// <content>A recipe as JSON.</content>
public sealed partial record Recipe
{
    private const int JsonVersion = 1;
    private const string VersionName = "version";
    private const string OutputName = "output";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads a recipe that is JSON, as <see cref="ToJson(RecipeParts)"/> writes it; what it leaves out has its default.</summary>
    /// <param name="json">The text.</param>
    /// <param name="registry">Where the names of networks and their parts are looked up; <see cref="ModelRegistry.BuiltIn"/> when
    /// null.</param>
    /// <param name="parts">The names of transforms, losses, schedules, optimizers and metrics; <see cref="RecipeParts.BuiltIn"/> when
    /// null.</param>
    /// <returns>The recipe, validated. With an <c>output</c>, as from <see cref="WithOutput"/>.</returns>
    /// <exception cref="InvalidOptionsException">The text is no JSON, has names that are not known or values that cannot be; lists all
    /// of them by their paths.</exception>
    /// <remarks>
    /// What only code can be is not in JSON: readers of files, devices, loggers, observers. Set them with <c>with</c> afterwards.
    /// </remarks>
    public static Recipe FromJson(string json, ModelRegistry? registry = null, RecipeParts? parts = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(json, "JSON", registry, parts);
    }

    /// <summary>Reads a recipe from a file; see <see cref="FromJson"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">Where the names of networks and their parts are looked up; <see cref="ModelRegistry.BuiltIn"/> when
    /// null.</param>
    /// <param name="parts">The names of other parts; <see cref="RecipeParts.BuiltIn"/> when null.</param>
    /// <returns>The recipe, validated.</returns>
    /// <exception cref="InvalidOptionsException">The file cannot be read, or holds no such recipe; lists all problems.</exception>
    public static Recipe Load(string path, ModelRegistry? registry = null, RecipeParts? parts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(RegularFile.ReadAllText(path), path, registry, parts);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Reads a recipe from a file without holding the caller's thread; see <see cref="FromJson"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">Where the names of networks and their parts are looked up; <see cref="ModelRegistry.BuiltIn"/> when
    /// null.</param>
    /// <param name="parts">The names of other parts; <see cref="RecipeParts.BuiltIn"/> when null.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    /// <returns>The recipe, validated.</returns>
    /// <exception cref="InvalidOptionsException">The file cannot be read, or holds no such recipe; lists all problems.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static async Task<Recipe> LoadAsync(
        string path, ModelRegistry? registry = null, RecipeParts? parts = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            string json = await RegularFile.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            return Parse(json, path, registry, parts);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>The recipe as JSON, with every value that it has; see <see cref="FromJson"/> for what is not in it.</summary>
    /// <returns>Lines of JSON.</returns>
    /// <exception cref="InvalidOptionsException">A transform, loss, schedule, optimizer or metric is your own and has no name; lists all
    /// by their paths.</exception>
    public string ToJson() => ToJson(RecipeParts.BuiltIn);

    /// <summary>The recipe as JSON, with every value that it has; see <see cref="FromJson"/> for what is not in it.</summary>
    /// <param name="parts">The names of your own transforms, losses, schedules, optimizers and metrics.</param>
    /// <returns>Lines of JSON.</returns>
    /// <exception cref="InvalidOptionsException">A part has no name; lists all by their paths.</exception>
    public string ToJson(RecipeParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        InvalidOptionsException.ThrowIfAny(nameof(Recipe), Validate());
        var writer = new RecipeWriter(parts);
        JsonObject json = writer.WriteObject(this, "$");
        InvalidOptionsException.ThrowIfAny("The recipe's JSON", writer.Problems);
        json.Insert(0, VersionName, JsonVersion);
        json[OutputName] = Trainer.OutputFolder;
        return json.ToJsonString(Json);
    }

    /// <summary>Writes the recipe to a file, which appears complete or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="parts">The names of your own parts; <see cref="RecipeParts.BuiltIn"/> when null.</param>
    /// <exception cref="InvalidOptionsException">A part has no name; lists all by their paths.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, RecipeParts? parts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content = Encoding.UTF8.GetBytes(ToJson(parts ?? RecipeParts.BuiltIn) + "\n");
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    /// <summary>Writes the recipe to a file without holding the caller's thread; see <see cref="Save"/>.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="parts">The names of your own parts; <see cref="RecipeParts.BuiltIn"/> when null.</param>
    /// <param name="cancellationToken">Keeps writing from beginning; what has begun is brought to its end.</param>
    /// <returns>A task that ends with the file written.</returns>
    /// <exception cref="InvalidOptionsException">A part has no name; lists all by their paths.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Task SaveAsync(string path, RecipeParts? parts = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Save(path, parts), cancellationToken);

    private static Recipe Parse(string text, string name, ModelRegistry? registry, RecipeParts? parts)
    {
        registry ??= ModelRegistry.BuiltIn;
        var findings = new RecipeFindings();
        var reader = new RecipeReader(registry, parts ?? RecipeParts.BuiltIn, findings);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw new InvalidOptionsException(nameof(Recipe), [new Problem(
                name, $"text that is no JSON ({error.Message.TrimEnd('.')})", "a recipe as Recipe.Save writes it", "Correct the text")]);
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty(VersionName, out JsonElement version)
                && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number) && number == JsonVersion))
            {
                // Of another form nothing else can be judged.
                throw new InvalidOptionsException(nameof(Recipe), [new Problem(
                    $"$.{VersionName}", version.GetRawText(), $"{JsonVersion}", "Update the library, or write the recipe anew")]);
            }

            string? output = null;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty(OutputName, out JsonElement folder)
                && folder.ValueKind != JsonValueKind.Null)
            {
                output = folder.ValueKind == JsonValueKind.String ? folder.GetString() : null;
                if (string.IsNullOrWhiteSpace(output))
                {
                    findings.Problems.Add(new Problem(
                        $"$.{OutputName}", folder.GetRawText(), "the path of a folder, or null", "Name the folder of the run"));
                }
            }

            var recipe = reader.ReadObject(typeof(Recipe), root, "$", VersionName, OutputName) as Recipe;
            InvalidOptionsException.ThrowIfAny(nameof(Recipe), findings.Problems);
            recipe = recipe! with { Registry = registry };
            InvalidOptionsException.ThrowIfAny(
                nameof(Recipe), [.. recipe.Validate().Select(problem => problem with { Subject = PathOf(problem.Subject) })]);
            return output is null ? recipe : recipe.WithOutput(output);
        }
    }

    /// <summary>A property's path in JSON.</summary>
    private static string PathOf(string subject) =>
        $"$.{string.Join('.', subject.Split('.').Select(part => part.Length == 0 ? part : RecipeMembers.JsonName(part)))}";

    private static InvalidOptionsException Unreadable(string path, Exception error) => new(nameof(Recipe), [new Problem(
        path,
        error is FileNotFoundException or DirectoryNotFoundException ? "no such file" : error.Message.TrimEnd('.'),
        "a readable file with a recipe's JSON",
        "Check the path and the permissions")]);
}
